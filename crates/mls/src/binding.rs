//! The port as JavaScript sees it: plain objects with the port's field names, codes as thrown strings.
//!
//! A fault is thrown as `code: detail`; whatever else comes out of a call is a trap, after which the
//! instance is not used again.

use std::cell::RefCell;

use js_sys::{Array, BigInt, Object, Reflect, Uint8Array};
use wasm_bindgen::{intern, prelude::*};

use crate::{
    engine::Engine,
    fault::Fault,
    group::{CommitPlan, OwnCommit},
    message::Opened,
    store::{Rows, StoreError},
    view::{AddedLeaf, CommitView, GroupInfoView, GroupView, Leaf, Suite},
};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type * as port from '../src/mls-engine.ts'
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "port.EngineRows")]
    pub type EngineRows;

    #[wasm_bindgen(method, catch)]
    fn read(this: &EngineRows, key: Uint8Array) -> Result<Option<Uint8Array>, JsValue>;
}

impl Rows for EngineRows {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        // A copy: a view into this memory would move under whoever kept it.
        match EngineRows::read(self, Uint8Array::from(key)) {
            Ok(value) => Ok(value.map(|bytes| bytes.to_vec())),
            Err(_) => Err(StoreError::Rows),
        }
    }
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Where the panic was that trapped this instance; only the place, for its text may hold anything.
#[wasm_bindgen(js_name = panicPlace)]
pub fn panic_place() -> String {
    PANIC.with_borrow(String::clone)
}

type Js<T> = Result<T, JsValue>;

fn thrown(fault: Fault) -> JsValue {
    JsValue::from_str(&format!("{}: {}", fault.code.name(), fault.detail))
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn optional(value: &Option<Vec<u8>>) -> JsValue {
    value.as_deref().map_or(JsValue::UNDEFINED, bytes)
}

fn big(number: u64) -> JsValue {
    BigInt::from(number).into()
}

fn list<T>(items: &[T], show: impl Fn(&T) -> JsValue) -> JsValue {
    items.iter().map(show).collect::<Array>().into()
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(intern(name)), value);
    }
    object.into()
}

fn merged(base: JsValue, fields: &[(&str, JsValue)]) -> JsValue {
    for (name, value) in fields {
        let _ = Reflect::set(&base, &JsValue::from_str(name), value);
    }
    base
}

fn leaf(leaf: &Leaf) -> JsValue {
    object(&[
        ("index", leaf.index.into()),
        ("credential", bytes(&leaf.credential)),
        ("signatureKey", bytes(&leaf.signature_key)),
    ])
}

fn added(added: &AddedLeaf) -> JsValue {
    object(&[
        ("credential", bytes(&added.credential)),
        ("signatureKey", bytes(&added.signature_key)),
        ("notBefore", big(added.not_before)),
        ("notAfter", big(added.not_after)),
    ])
}

fn group_view(view: &GroupView) -> JsValue {
    object(&[
        ("group", bytes(&view.group)),
        ("suite", view.suite.name().into()),
        ("epoch", big(view.epoch)),
        ("ownLeaf", view.own_leaf.into()),
        ("leaves", list(&view.leaves, leaf)),
        ("policy", bytes(&view.policy)),
        ("treeHash", bytes(&view.tree_hash)),
        ("confirmedTranscriptHash", bytes(&view.confirmed_transcript_hash)),
        ("epochAuthenticator", bytes(&view.epoch_authenticator)),
    ])
}

fn group_info_view(view: &GroupInfoView) -> JsValue {
    object(&[
        ("group", bytes(&view.group)),
        ("suite", view.suite.name().into()),
        ("epoch", big(view.epoch)),
        ("leaves", list(&view.leaves, leaf)),
        ("policy", bytes(&view.policy)),
        ("treeHash", bytes(&view.tree_hash)),
        ("confirmedTranscriptHash", bytes(&view.confirmed_transcript_hash)),
        ("signer", leaf(&view.signer)),
    ])
}

fn commit_view(view: &CommitView) -> JsValue {
    let path = view.path.as_ref().map_or(JsValue::UNDEFINED, |(credential, signature_key)| {
        object(&[("credential", bytes(credential)), ("signatureKey", bytes(signature_key))])
    });
    object(&[
        ("committer", leaf(&view.committer)),
        ("external", view.external.into()),
        ("aad", bytes(&view.aad)),
        ("epoch", big(view.epoch)),
        ("adds", list(&view.adds, added)),
        ("removes", list(&view.removes, leaf)),
        ("path", path),
        ("policyBefore", bytes(&view.policy_before)),
        ("policyAfter", bytes(&view.policy_after)),
        ("unlisted", list(&view.unlisted, |name| JsValue::from_str(name))),
        ("removesSelf", view.removes_self.into()),
    ])
}

fn own_commit(commit: &OwnCommit) -> JsValue {
    object(&[
        ("commit", bytes(&commit.commit)),
        ("welcome", optional(&commit.welcome)),
        ("groupInfo", bytes(&commit.group_info)),
        ("epoch", big(commit.epoch)),
    ])
}

#[wasm_bindgen(js_name = Engine)]
pub struct BoundEngine(Engine);

#[wasm_bindgen(js_class = Engine)]
impl BoundEngine {
    #[wasm_bindgen(constructor)]
    pub fn new(rows: EngineRows, max_loaded_bytes: f64) -> Self {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
            PANIC.set(place.unwrap_or_default());
        }));
        Self(Engine::new(Box::new(rows), max_loaded_bytes as usize))
    }

    #[wasm_bindgen(js_name = createSigner)]
    pub fn create_signer(&mut self) -> Js<Uint8Array> {
        self.0.create_signer().map(|key| Uint8Array::from(key.as_slice())).map_err(thrown)
    }

    #[wasm_bindgen(js_name = useIdentity)]
    pub fn use_identity(&mut self, signature_key: &[u8], credential: &[u8]) -> Js<()> {
        self.0.use_identity(signature_key, credential).map_err(thrown)
    }

    #[wasm_bindgen(js_name = createKeyPackages, unchecked_return_type = "port.KeyPackage[]")]
    pub fn create_key_packages(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "port.Suite")] suite: &str,
        count: u32,
        lifetime_seconds: u64,
        last_resort: bool,
        now: u64,
    ) -> Js<JsValue> {
        let suite = Suite::named(suite).map_err(thrown)?;
        let made = self
            .0
            .create_key_packages(suite, count, lifetime_seconds, last_resort, now)
            .map_err(thrown)?;
        Ok(list(&made, |one| {
            object(&[("bytes", bytes(&one.bytes)), ("ref", bytes(&one.reference))])
        }))
    }

    #[wasm_bindgen(js_name = forgetKeyPackages)]
    pub fn forget_key_packages(&mut self, references: Vec<Uint8Array>) -> Js<()> {
        let references: Vec<_> = references.iter().map(Uint8Array::to_vec).collect();
        self.0.forget_key_packages(&references).map_err(thrown)
    }

    #[wasm_bindgen(
        js_name = inspectKeyPackage,
        unchecked_return_type = "ReturnType<port.MlsEngine['inspectKeyPackage']>"
    )]
    pub fn inspect_key_package(&mut self, key_package: &[u8]) -> Js<JsValue> {
        let (leaf, suite, last_resort) = self.0.inspect_key_package(key_package).map_err(thrown)?;
        Ok(merged(
            added(&leaf),
            &[("suite", suite.name().into()), ("lastResort", last_resort.into())],
        ))
    }

    #[wasm_bindgen(js_name = createGroup, unchecked_return_type = "port.GroupView")]
    pub fn create_group(
        &mut self,
        group: &[u8],
        #[wasm_bindgen(unchecked_param_type = "port.Suite")] suite: &str,
        policy: &[u8],
        now: u64,
    ) -> Js<JsValue> {
        let suite = Suite::named(suite).map_err(thrown)?;
        self.0.create_group(group, suite, policy, now).map(|v| group_view(&v)).map_err(thrown)
    }

    #[wasm_bindgen(unchecked_return_type = "port.OwnCommit")]
    pub fn commit(
        &mut self,
        group: &[u8],
        add_key_packages: Vec<Uint8Array>,
        remove_leaves: Vec<u32>,
        policy: Option<Vec<u8>>,
        aad: Vec<u8>,
        now: u64,
    ) -> Js<JsValue> {
        let plan = CommitPlan {
            add_key_packages: add_key_packages.iter().map(Uint8Array::to_vec).collect(),
            remove_leaves,
            policy,
            aad,
        };
        self.0.commit(group, plan, now).map(|c| own_commit(&c)).map_err(thrown)
    }

    #[wasm_bindgen(js_name = mergePending, unchecked_return_type = "port.GroupView")]
    pub fn merge_pending(&mut self, group: &[u8]) -> Js<JsValue> {
        self.0.merge_pending(group).map(|v| group_view(&v)).map_err(thrown)
    }

    #[wasm_bindgen(js_name = clearPending)]
    pub fn clear_pending(&mut self, group: &[u8]) -> Js<()> {
        self.0.clear_pending(group).map_err(thrown)
    }

    #[wasm_bindgen(js_name = hasPending)]
    pub fn has_pending(&mut self, group: &[u8]) -> Js<bool> {
        self.0.has_pending(group).map_err(thrown)
    }

    pub fn encrypt(&mut self, group: &[u8], aad: &[u8], plaintext: &[u8]) -> Js<Uint8Array> {
        self.0
            .encrypt(group, aad, plaintext)
            .map(|message| Uint8Array::from(message.as_slice()))
            .map_err(thrown)
    }

    #[wasm_bindgen(unchecked_return_type = "port.Opened")]
    pub fn open(&mut self, group: &[u8], message: &[u8], now: u64) -> Js<JsValue> {
        let opened = self.0.open(group, message, now).map_err(thrown)?;
        Ok(match opened {
            Opened::Application { sender, aad, plaintext, epoch } => object(&[
                ("kind", "application".into()),
                ("sender", leaf(&sender)),
                ("aad", bytes(&aad)),
                ("plaintext", bytes(&plaintext)),
                ("epoch", big(epoch)),
            ]),
            Opened::Commit { staged, view } => object(&[
                ("kind", "commit".into()),
                ("staged", staged.into()),
                ("view", commit_view(&view)),
            ]),
        })
    }

    #[wasm_bindgen(js_name = mergeStaged, unchecked_return_type = "port.GroupView")]
    pub fn merge_staged(&mut self, group: &[u8], staged: u32) -> Js<JsValue> {
        self.0.merge_staged(group, staged).map(|v| group_view(&v)).map_err(thrown)
    }

    #[wasm_bindgen(js_name = discardStaged)]
    pub fn discard_staged(&mut self, group: &[u8], staged: u32) {
        self.0.discard_staged(group, staged);
    }

    #[wasm_bindgen(
        js_name = stageWelcome,
        unchecked_return_type = "ReturnType<port.MlsEngine['stageWelcome']>"
    )]
    pub fn stage_welcome(&mut self, welcome: &[u8]) -> Js<JsValue> {
        let (staged, view, signer) = self.0.stage_welcome(welcome).map_err(thrown)?;
        let view = merged(group_view(&view), &[("signer", leaf(&signer))]);
        Ok(object(&[("staged", staged.into()), ("view", view)]))
    }

    #[wasm_bindgen(js_name = acceptJoin, unchecked_return_type = "port.GroupView")]
    pub fn accept_join(&mut self, staged: u32) -> Js<JsValue> {
        self.0.accept_join(staged).map(|v| group_view(&v)).map_err(thrown)
    }

    #[wasm_bindgen(js_name = discardJoin)]
    pub fn discard_join(&mut self, staged: u32) {
        self.0.discard_join(staged);
    }

    #[wasm_bindgen(js_name = welcomeRefs, unchecked_return_type = "Uint8Array[]")]
    pub fn welcome_refs(&mut self, welcome: &[u8]) -> Js<JsValue> {
        let references = self.0.welcome_refs(welcome).map_err(thrown)?;
        Ok(list(&references, |reference| bytes(reference)))
    }

    #[wasm_bindgen(
        js_name = joinExternal,
        unchecked_return_type = "ReturnType<port.MlsEngine['joinExternal']>"
    )]
    pub fn join_external(&mut self, group_info: &[u8], aad: &[u8], now: u64) -> Js<JsValue> {
        let (commit, view) = self.0.join_external(group_info, aad, now).map_err(thrown)?;
        Ok(object(&[("commit", own_commit(&commit)), ("view", group_view(&view))]))
    }

    #[wasm_bindgen(js_name = replaceByScratch, unchecked_return_type = "port.GroupView")]
    pub fn replace_by_scratch(&mut self, group: &[u8]) -> Js<JsValue> {
        self.0.replace_by_scratch(group).map(|v| group_view(&v)).map_err(thrown)
    }

    #[wasm_bindgen(js_name = dropScratch)]
    pub fn drop_scratch(&mut self, group: &[u8]) -> Js<()> {
        self.0.drop_scratch(group).map_err(thrown)
    }

    #[wasm_bindgen(
        js_name = inspectGroupInfo,
        unchecked_return_type = "ReturnType<port.MlsEngine['inspectGroupInfo']>"
    )]
    pub fn inspect_group_info(&mut self, group_info: &[u8]) -> Js<JsValue> {
        self.0.inspect_group_info(group_info).map(|v| group_info_view(&v)).map_err(thrown)
    }

    #[wasm_bindgen(unchecked_return_type = "port.GroupView | undefined")]
    pub fn view(&mut self, group: &[u8]) -> Js<JsValue> {
        let view = self.0.view(group).map_err(thrown)?;
        Ok(view.as_ref().map_or(JsValue::UNDEFINED, group_view))
    }

    #[wasm_bindgen(js_name = groupInfo)]
    pub fn group_info(&mut self, group: &[u8]) -> Js<Uint8Array> {
        self.0.group_info(group).map(|info| Uint8Array::from(info.as_slice())).map_err(thrown)
    }

    #[wasm_bindgen(js_name = exportSecret)]
    pub fn export_secret(
        &mut self,
        group: &[u8],
        label: &str,
        context: &[u8],
        length: u32,
    ) -> Js<Uint8Array> {
        self.0
            .export_secret(group, label, context, length as usize)
            .map(|secret| Uint8Array::from(secret.as_slice()))
            .map_err(thrown)
    }

    #[wasm_bindgen(js_name = ownGeneration)]
    pub fn own_generation(&mut self, group: &[u8]) -> Js<u32> {
        self.0.own_generation(group).map_err(thrown)
    }

    #[wasm_bindgen(js_name = deleteGroup)]
    pub fn delete_group(&mut self, group: &[u8]) -> Js<()> {
        self.0.delete_group(group).map_err(thrown)
    }

    #[wasm_bindgen(js_name = takeChanges, unchecked_return_type = "port.RowChange[]")]
    pub fn take_changes(&mut self) -> JsValue {
        self.0
            .store()
            .take()
            .iter()
            .map(|(key, value)| object(&[("key", bytes(key)), ("value", optional(value))]))
            .collect::<Array>()
            .into()
    }

    pub fn reload(&mut self, group: &[u8]) -> Js<()> {
        self.0.reload(group).map_err(thrown)
    }

    #[wasm_bindgen(js_name = reloadAll)]
    pub fn reload_all(&mut self) {
        self.0.reload_all();
    }

    #[wasm_bindgen(getter, js_name = loadedBytes)]
    pub fn loaded_bytes(&self) -> f64 {
        self.0.loaded_bytes() as f64
    }
}

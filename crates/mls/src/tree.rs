//! The leaves of a ratchet tree with their places (RFC 9420 12.4.3.3): `optional<Node> tree<V>`.
//!
//! OpenMLS gives the nodes of a tree that is not joined without their places, and its own encoding
//! says which places are blank.

use openmls::prelude::{
    RatchetTreeIn,
    tls_codec::{Deserialize, Serialize, Size, VLBytes},
};

use crate::{
    fault::{Code, Fault, Result},
    view::Leaf,
};

pub fn leaves_of(tree: &RatchetTreeIn) -> Result<Vec<Leaf>> {
    let malformed = || Fault::new(Code::Malformed, "ratchet tree");
    let bytes = tree.tls_serialize_detached().map_err(|_| malformed())?;
    let encoded = VLBytes::tls_deserialize(&mut bytes.as_slice()).map_err(|_| malformed())?;
    let mut rest = encoded.as_slice();
    let mut nodes = tree.nodes();
    let mut filled = tree.leaves();
    let mut leaves = Vec::new();
    let mut place = 0u32;
    while let [present, after @ ..] = rest {
        rest = after;
        if *present == 1 {
            let node = nodes.next().ok_or_else(malformed)?;
            rest = rest.get(node.tls_serialized_len()..).ok_or_else(malformed)?;
            // Leaves stand at the even places of the array.
            if place.is_multiple_of(2) {
                let leaf = filled.next().ok_or_else(malformed)?;
                leaves.push(Leaf {
                    index: place / 2,
                    credential: leaf.credential().serialized_content().to_vec(),
                    signature_key: leaf.signature_key().as_slice().to_vec(),
                });
            }
        }
        place += 1;
    }
    Ok(leaves)
}

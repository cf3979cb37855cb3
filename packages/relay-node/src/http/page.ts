/** What one sees who opens the relay's address in a browser. */
export function homePage(signUp: string): string {
  const next =
    signUp === 'open'
      ? 'Anyone who reaches this address may sign up.'
      : signUp === 'invite'
        ? 'Whoever runs it gives out invites; with one you can sign up.'
        : 'It takes no new accounts at the moment.'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A Quintet relay</title>
<style>
:root { color-scheme: light dark; --paper: #faf6f0; --ink: #2a1f2d; --quiet: #6b5d6e; --accent: #b4472a; --line: #e6dcd0 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1d151f; --ink: #f3ece2; --quiet: #b3a5b5; --accent: #f2a27f; --line: #382b3b }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 Figtree, system-ui, sans-serif }
main { max-width: 34rem; margin: 18vh auto 4rem; padding: 0 1.5rem }
svg { height: 2.5rem; color: var(--accent) }
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 600; margin: 1.25rem 0 .5rem }
p { margin: 0 0 1rem }
code { display: block; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto }
.quiet { color: var(--quiet) }
</style>
</head>
<body>
<main>
<svg viewBox="0 0 44 40" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round">
<path d="M4 26v10M13 14v22M22 4v32M31 18v18M40 10v26"/>
</svg>
<h1>This is a Quintet relay.</h1>
<p>It passes sealed messages between people's devices. It cannot open them.</p>
<p>${next} In a terminal:</p>
<p><code id="next">npx quintet signup --handle NAME --relay <span id="origin">ADDRESS</span></code></p>
<p class="quiet">There is no account to make on this page, and nothing here to read.</p>
</main>
<script>document.getElementById('origin').textContent = location.origin</script>
</body>
</html>
`
}

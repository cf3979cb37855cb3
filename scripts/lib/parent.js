/**
 * Ends this process, as if asked to, when the one that started it is gone.
 *
 * npm puts a shell between itself and what it runs, and a shell that is ended tells nobody: without this a program
 * would go on unseen, and keep its port or its profile.
 */
export function endWithParent() {
  const parent = process.ppid
  if (parent === 1) return
  setInterval(() => {
    if (process.ppid === parent) return
    process.kill(process.pid, 'SIGTERM')
  }, 250).unref()
}

import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of its own, of so many KiB, that can be filled to the last byte. Only the superuser can mount one. */
export class SmallDisk implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'quintet-disk-'))

  constructor(kib: number) {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', this.folder], { stdio: 'pipe' })
    } catch {
      rmSync(this.folder, { recursive: true })
      throw new Error('This test mounts a small disk. Run it as root, where tmpfs can be mounted.')
    }
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }

  /** Leaves no room for another byte. */
  fill(): void {
    const file = openSync(join(this.folder, 'ballast'), 'a')
    const block = Buffer.alloc(4096, 1)
    try {
      while (this.freeBytes > 0) writeSync(file, block)
    } finally {
      closeSync(file)
    }
  }

  makeRoom(): void {
    rmSync(join(this.folder, 'ballast'))
  }

  /** Nothing can be written there any more, as where a disk has failed; only while nobody has a file open there. */
  makeReadOnly(isReadOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, this.folder], { stdio: 'pipe' })
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.folder])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

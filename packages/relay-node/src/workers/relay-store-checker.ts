import { parentPort, workerData } from 'node:worker_threads'
import { checkSound, DamagedDataError } from '../sqlite/soundness.ts'

let isSound = true
try {
  checkSound(workerData.file)
} catch (error) {
  // Whatever else went wrong says nothing about the bytes.
  isSound = !(error instanceof DamagedDataError)
}
parentPort?.postMessage(isSound)

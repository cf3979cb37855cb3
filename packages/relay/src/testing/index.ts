export * from './fake-mls.ts'
export * from './test-device.ts'
export * from './test-line.ts'
export * from './test-person.ts'

export * from './account-state.ts'

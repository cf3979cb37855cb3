/** The relay's own small facts: its incarnation (R9) and what its owner set. */
export interface SettingStore {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string | undefined): Promise<void>
  all(): Promise<ReadonlyMap<string, string>>
}

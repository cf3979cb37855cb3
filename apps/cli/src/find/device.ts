import { type DeviceId, parseDeviceId } from '@quintet/domain'
import { type Client, ClientError } from '@quintet/client-node'
import { byPrefix } from './prefix.ts'

/**
 * The device meant: by its id, the beginning of it, or its exact name. Fails with `unknown-device` when none or
 * several fit, so that nobody unlinks the wrong one.
 */
export async function findDevice(client: Client, text: string): Promise<DeviceId> {
  const whole = parseDeviceId(text)
  if (whole !== undefined) return whole
  const devices = await client.devices()
  const named = devices.filter((device) => device.name === text)
  const [only] = named
  if (named.length === 1 && only !== undefined) return only.device
  if (named.length > 1) {
    throw new ClientError(
      'unknown-device',
      'Several of your devices have that name. Use the id that `quintet devices` shows.',
    )
  }
  const found = byPrefix(
    text,
    devices.map((device) => device.device),
  )
  if (found !== undefined) return found
  throw new ClientError('unknown-device', 'None of your devices has that name or id. `quintet devices` lists them.')
}

import { serve } from '@quintet/client-web/worker'

serve()

// Breaks as an invariant does that fails where nobody called.
new BroadcastChannel('break').onmessage = () => {
  void Promise.reject(new RangeError('an invariant broke'))
}

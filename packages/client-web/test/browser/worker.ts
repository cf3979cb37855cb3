import { serve } from '@quintet/client-web/worker'

serve()

import CLI
import Glibc

exit(await DroneAgent.launch())

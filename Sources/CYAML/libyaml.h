/* libyaml, as Debian ships it. */
#include <yaml.h>

#ifndef DRONEAGENT_PLATFORM_H
#define DRONEAGENT_PLATFORM_H
#include "droneagent_contract.h"
#endif

/* Calls that cannot be used safely do not compile. Included by the build. */
#ifndef PFA_BASE_BANNED_H
#define PFA_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison sprintf vsprintf strcpy strcat strtok atoi atol atoll gets

#endif

/*
 * ban.h - functions that have no place here, made into compile errors.
 *
 * The Makefile includes this file before every other one. Each name is banned because it hides
 * state (rand, strtok), depends on the clock or the locale (time, localtime), writes without a
 * bound (sprintf, strcpy), or reads a number without telling whether there was one (atoi).
 * Numbers are read with parse.h, text is built with text.h, random numbers come from rng.h.
 */
#ifndef BASE_BAN_H
#define BASE_BAN_H

/* Headers that declare these names themselves come before the ban (zlib has a field `time`). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Its input is const then, as it should be. */
#define ZLIB_CONST
#include <zlib.h>

/* Some compilers have them as macros when sources are fortified. */
#undef sprintf
#undef vsprintf
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat

#pragma GCC poison rand srand random time gettimeofday sprintf vsprintf strcpy strcat strncpy
#pragma GCC poison strncat strtok atoi atol atof localtime gmtime gets

#endif

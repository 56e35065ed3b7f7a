/*
 * check.h - assertions that state facts.
 *
 * CHECK is on in every build, release included: arguments, results, branches that cannot be
 * reached. CHECK_SLOW looks at whole structures and is on in debug and sanitizer builds only. A
 * failed check prints the fact and its place and aborts: it is a bug of ours, never bad input.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define CHECK(fact) ((fact) ? (void)0 : check_failed(#fact, __FILE__, __LINE__))

/* A branch that cannot be reached. */
#define CHECK_NEVER(branch) check_failed("never here: " branch, __FILE__, __LINE__)

#ifdef SLOW_CHECKS
#    define CHECK_SLOW(fact) CHECK(fact)
#else
#    define CHECK_SLOW(fact) ((void)sizeof((fact) ? 1 : 0))
#endif

_Noreturn void check_failed(const char *fact, const char *file, int line);

#endif

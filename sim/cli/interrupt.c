/* interrupt.c - see interrupt.h. */
#include "sim/cli/interrupt.h"

#include <stddef.h>

/* The one variable of the program that is not somebody's: a signal handler can be told nothing. */
static volatile sig_atomic_t came;

static void note(int number)
{
    (void)number;
    came = 1;
}

const volatile sig_atomic_t *interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGXFSZ, SIG_IGN);
    return &came;
}

bool interrupt_came(void)
{
    return came != 0;
}

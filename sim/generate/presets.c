/* presets.c - models of published workloads: the files of presets/, as the Makefile writes them. */
#include "sim/generate/model.h"

#define PRESET(name, ...) static const char preset_##name[] = {__VA_ARGS__ 0};
#include "preset_list.inc"
#undef PRESET

const struct generate_preset generate_presets[] = {
#define PRESET(name, ...) {#name, preset_##name},
#include "preset_list.inc"
#undef PRESET
    {NULL, NULL},
};

/*
 * facts.h - helpers shared by the files that take facts in. Private to this folder.
 */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include "policies/core/modules.h"

/* The number of a text, added when new; CORE_NONE for NULL. */
uint32_t core_text(struct core *core, const char *text);
/* The component of a resource name, added when new. */
uint32_t core_component(struct core *core, const char *name);
struct core_amount_at *core_copy_amounts(struct core *core, struct core_amounts amounts);
/* Label pairs in ascending key. */
struct core_pair *core_copy_labels(struct core *core, struct core_labels labels);
struct core_groups core_copy_groups(struct core *core, struct core_texts groups);
/* The node of this name; one that only tasks name is made when there is none. */
uint32_t core_node_named(struct core *core, const char *name);
/* The class of tasks that ask the same. */
uint32_t core_class_add(struct core *core, const struct core_task_spec *spec, uint32_t ns,
                        int64_t dra);
/* Lays the vectors of all classes out for the present number of components. */
void core_class_layout(struct core *core);
/* -- refuse.c: false with *err for what makes no sense -- */
/* Whether a number is from 0 to `most`; NAN is not. */
bool core_is_amount(double value, double most);
/* Whether it is CORE_UNSET, or sums with another one stay in their type. */
bool core_is_time(int64_t time_ns);
bool core_check_node(const struct core_node_spec *spec, struct err *err);
bool core_check_queue(const struct core_queue_spec *spec, struct err *err);
bool core_check_usage(const char *queue, const double usage[3], struct err *err);
bool core_check_topology(const struct core_topology_spec *spec, struct err *err);
bool core_check_job(const struct core_job_spec *spec, struct err *err);
bool core_check_job_times(const char *job, const struct core_job_times *times, struct err *err);
bool core_check_task(const struct core *core, const struct core_task_spec *spec, struct err *err);
/* Go's duration text ("1h30m", "300ms") in nanoseconds; false when it does not parse. */
bool core_parse_duration(const char *text, int64_t *ns);
#endif

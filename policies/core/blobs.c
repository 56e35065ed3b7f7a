/* blobs.c - see blobs.h. The table is looked up only, never walked. */
#include "policies/core/blobs.h"

#include <string.h>

/* FNV-1a over the bytes; nothing depends on its values. */
static uint32_t hash_of(const unsigned char *bytes, size_t length)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * 16777619U;
    }
    return hash ^ (hash >> 15);
}

static size_t slot_of(const struct core_blobs *blobs, const unsigned char *bytes, size_t length)
{
    size_t slot = hash_of(bytes, length) & (blobs->slot_count - 1);
    while (blobs->slots[slot] != 0) {
        const struct core_blob *blob = &blobs->list.items[blobs->slots[slot] - 1];
        if (blob->length == length && (length == 0 || memcmp(blob->bytes, bytes, length) == 0)) {
            break;
        }
        slot = (slot + 1) & (blobs->slot_count - 1);
    }
    return slot;
}

static void grow(struct core_blobs *blobs)
{
    free(blobs->slots);
    blobs->slot_count = blobs->slot_count == 0 ? 64 : blobs->slot_count * 2;
    blobs->slots = mem_alloc(blobs->slot_count, sizeof *blobs->slots);
    for (size_t i = 0; i < blobs->list.count; i++) {
        const struct core_blob *blob = &blobs->list.items[i];
        blobs->slots[slot_of(blobs, blob->bytes, blob->length)] = (uint32_t)i + 1;
    }
}

uint32_t core_blob_add(struct core_blobs *blobs, const void *bytes, size_t length)
{
    if (blobs->list.count >= blobs->slot_count / 2) {
        grow(blobs);
    }
    size_t slot = slot_of(blobs, bytes, length);
    if (blobs->slots[slot] == 0) {
        struct core_blob blob = {(unsigned char *)arena_copy_text(&blobs->arena, bytes, length),
                                 length};
        vec_push(&blobs->list, blob);
        blobs->slots[slot] = (uint32_t)blobs->list.count;
    }
    return blobs->slots[slot] - 1;
}

bool core_blob_has(const struct core_blobs *blobs, const void *bytes, size_t length)
{
    return blobs->slot_count > 0 && blobs->slots[slot_of(blobs, bytes, length)] != 0;
}

void core_blobs_clear(struct core_blobs *blobs)
{
    arena_rewind(&blobs->arena);
    if (blobs->list.count > 0) {
        memset(blobs->slots, 0, blobs->slot_count * sizeof *blobs->slots);
    }
    vec_clear(&blobs->list);
}

void core_blobs_release(struct core_blobs *blobs)
{
    arena_release(&blobs->arena);
    vec_release(&blobs->list);
    free(blobs->slots);
    *blobs = (struct core_blobs){0};
}

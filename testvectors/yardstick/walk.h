#include <stddef.h>
#include <stdint.h>

// One data object of a level.
struct tlv {
	uint32_t tag;
	size_t length;
	const uint8_t *value;
};

struct tlv_iterator {
	const uint8_t *next;
	size_t left;
};

// tlv_next moves to the next object. It returns 1 for an object, 0 at the end of the data, -1 where the encoding is wrong.
int tlv_next(struct tlv_iterator *it, struct tlv *object);

// walk reads every object of the record, times times over, and returns what it saw, so that nothing can be left out.
uint64_t walk(const uint8_t *record, size_t length, uint64_t times);

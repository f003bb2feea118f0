//go:build yardstick

#include "walk.h"

uint64_t walk(const uint8_t *record, size_t length, uint64_t times)
{
	uint64_t seen = 0;
	for (uint64_t i = 0; i < times; i++) {
		struct tlv_iterator it = {record, length};
		struct tlv object;
		while (tlv_next(&it, &object) > 0) {
			seen += object.tag + object.length;
			if (object.length > 0)
				seen += object.value[0];
		}
	}
	return seen;
}

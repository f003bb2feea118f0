//go:build yardstick

#include "walk.h"

int tlv_next(struct tlv_iterator *it, struct tlv *object)
{
	const uint8_t *p = it->next;
	const uint8_t *end = p + it->left;

	while (p < end && *p == 0x00)
		p++;
	if (p == end) {
		it->next = p;
		it->left = 0;
		return 0;
	}

	uint32_t tag = *p++;
	if ((tag & 0x1F) == 0x1F) {
		int n = 1;
		do {
			if (p == end || n == 4)
				return -1;
			tag = tag << 8 | *p;
			n++;
		} while (*p++ & 0x80);
	}

	if (p == end)
		return -1;
	size_t length = *p++;
	if (length & 0x80) {
		size_t n = length & 0x7F;
		if (n == 0 || n > 2 || (size_t)(end - p) < n)
			return -1;
		length = 0;
		while (n-- > 0)
			length = length << 8 | *p++;
	}
	if ((size_t)(end - p) < length)
		return -1;

	object->tag = tag;
	object->length = length;
	object->value = p;
	it->next = p + length;
	it->left = (size_t)(end - it->next);
	return 1;
}

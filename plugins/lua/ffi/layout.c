#include "layout.h"

static uint64_t round_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) / to * to;
}

static void demand(struct layout *layout, size_t align)
{
    if (layout->align < align)
        layout->align = align;
}

/* The alignment of a member; what its own attribute asks for goes above packing. */
static size_t align_of(const struct layout *layout, const struct cfield *field, size_t asked)
{
    size_t align = layout->record->is_packed ? 1 : field->type->plain->align;
    if (layout->most_align && align > layout->most_align)
        align = layout->most_align;
    return asked > align ? asked : align;
}

/* A bit-field does not cross a boundary of its type, unless it is packed; a width of 0 closes the
 * unit. Those without name do not raise the alignment of the record. */
static void add_bits(struct layout *layout, struct cfield *field, size_t asked)
{
    uint64_t unit = ctype_size(field->type) * 8;
    uint64_t start = layout->record->is_union ? 0 : layout->bits;
    size_t align = align_of(layout, field, asked);
    bool packed = layout->record->is_packed || (layout->most_align && align * 8 < unit);
    if (field->bits == 0)
        start = round_up(start, unit);
    else if (asked)
        start = round_up(start, (uint64_t)asked * 8);
    else if (!packed && start / unit != (start + field->bits - 1) / unit)
        start = round_up(start, unit);
    if (field->name)
        demand(layout, align);
    field->offset = start / unit * (unit / 8);
    field->bit = (unsigned)(start % unit);
    if (layout->bits < start + field->bits)
        layout->bits = start + field->bits;
}

bool layout_add(struct layout *layout, struct cfield *field, size_t align)
{
    if (field->is_bit_field) {
        add_bits(layout, field, align);
        return layout->bits / 8 <= CTYPE_MOST_BYTES;
    }
    align = align_of(layout, field, align);
    demand(layout, align);
    uint64_t start = layout->record->is_union ? 0 : round_up(layout->bits, (uint64_t)align * 8);
    field->offset = start / 8;
    uint64_t end = start + (uint64_t)ctype_size(field->type) * 8;
    if (layout->bits < end)
        layout->bits = end;
    return layout->bits / 8 <= CTYPE_MOST_BYTES;
}

bool layout_end(struct layout *layout, size_t align)
{
    demand(layout, align > 1 ? align : 1);
    layout->record->align = layout->align;
    layout->record->size = round_up((layout->bits + 7) / 8, layout->align);
    return layout->record->size <= CTYPE_MOST_BYTES;
}

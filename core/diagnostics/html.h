/* Diagnostics for a browser. */
#ifndef HILUM_DIAGNOSTICS_HTML_H
#define HILUM_DIAGNOSTICS_HTML_H

#include "base/buffer.h"
#include "diagnostics/diagnostic.h"

/* Appends one element, readable on light and on dark. Every text in it is escaped. */
void diagnostic_write_html(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                           const struct diagnostic_scene *scene);

#endif

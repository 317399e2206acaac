/* C types as libffi describes them. */
#ifndef FFI_ABI_H
#define FFI_ABI_H

#include "ctype.h"

#include <ffi.h>

/* The description for an argument or a result of this type, or NULL and a reason. It lives as long
 * as the types. */
ffi_type *abi_type(struct ctypes *types, const struct ctype *type, const char **reason);

#endif

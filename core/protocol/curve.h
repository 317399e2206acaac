/*
 * CurveZMQ: encrypted sockets that only who knows the server's public key can talk to. The keys
 * come with the connection file, as "curve_publickey" and "curve_secretkey" (JEP 145;
 * jupyter_client 8.9, docs/kernels.rst, "Connection file format", and docs/security.rst).
 */
#ifndef HILUM_PROTOCOL_CURVE_H
#define HILUM_PROTOCOL_CURVE_H

#include "base/error.h"

#define CURVE_PUBLIC_NAME "curve_publickey"
#define CURVE_SECRET_NAME "curve_secretkey"

/* Characters of a key: 32 bytes as Z85 (ZeroMQ RFC 32). */
#define CURVE_TEXT_SIZE 40

struct curve_key {
    char secret[CURVE_TEXT_SIZE + 1]; /* "": sockets are not encrypted */
};

/* Can the libzmq that is in use encrypt? */
bool curve_is_available(void);

/* Checks the texts of a key pair and keeps the secret one, which is all that a server needs. Errors
 * name the key and never show it. */
bool curve_key_read(struct curve_key *key, const char *public_text, const char *secret_text,
                    struct error *error) __attribute__((warn_unused_result));

void curve_key_wipe(struct curve_key *key);

/* Makes a socket that is not bound yet a server; without a key it does nothing. False: errno. */
bool curve_serve(const struct curve_key *key, void *socket) __attribute__((warn_unused_result));

#endif

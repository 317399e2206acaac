#include "protocol/curve.h"

#include <string.h>
#include <zmq.h>

bool curve_is_available(void)
{
    return zmq_has("curve") == 1;
}

static bool check_text(const char *name, const char *text, struct error *error)
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   ".-:+=^!/*?&<>()[]{}@%$#";
    unsigned char bytes[CURVE_TEXT_SIZE / 5 * 4];
    size_t size = strlen(text);
    if (size != CURVE_TEXT_SIZE)
        return error_set(error,
                         "\"%s\" has %zu bytes, expected a CURVE key as %d characters of Z85", name,
                         size, CURVE_TEXT_SIZE);
    size_t good = strspn(text, alphabet);
    if (good != size)
        return error_set(error,
                         "\"%s\": character %zu is not in Z85, expected a CURVE key as %d "
                         "characters of Z85",
                         name, good + 1, CURVE_TEXT_SIZE);
    /* Five characters can say more than 32 bits. */
    bool fits = zmq_z85_decode(bytes, text) != NULL;
    explicit_bzero(bytes, sizeof bytes);
    return fits ||
           error_set(error, "\"%s\" is no CURVE key, expected 32 bytes as %d characters of Z85",
                     name, CURVE_TEXT_SIZE);
}

/* Else clients, who know the public key, would wait for ever and nobody would know why. */
static bool check_pair(const char *public_text, const char *secret_text, struct error *error)
{
    char derived[CURVE_TEXT_SIZE + 1] = "";
    if (zmq_curve_public(derived, secret_text) < 0)
        return error_set(error, "\"%s\" cannot be used: %s", CURVE_SECRET_NAME,
                         zmq_strerror(zmq_errno()));
    return strcmp(derived, public_text) == 0 ||
           error_set(error, "\"%s\" does not belong to \"%s\", expected the two keys of one pair",
                     CURVE_PUBLIC_NAME, CURVE_SECRET_NAME);
}

bool curve_key_read(struct curve_key *key, const char *public_text, const char *secret_text,
                    struct error *error)
{
    *key = (struct curve_key){""};
    if (!check_text(CURVE_PUBLIC_NAME, public_text, error) ||
        !check_text(CURVE_SECRET_NAME, secret_text, error))
        return false;
    if (!curve_is_available())
        return error_set(error,
                         "\"%s\" asks for encryption, but this libzmq was built without CURVE; "
                         "expected a libzmq with it, or no keys",
                         CURVE_SECRET_NAME);
    if (!check_pair(public_text, secret_text, error))
        return false;
    memcpy(key->secret, secret_text, sizeof key->secret);
    return true;
}

void curve_key_wipe(struct curve_key *key)
{
    explicit_bzero(key, sizeof *key);
}

bool curve_serve(const struct curve_key *key, void *socket)
{
    static const int yes = 1;
    return !key->secret[0] ||
           (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes) == 0 &&
            zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret, sizeof key->secret) == 0);
}

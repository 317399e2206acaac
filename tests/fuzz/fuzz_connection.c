/* The connection file: read whole or refused with a reason, and what was read can be used. */
#include "fuzz.h"
#include "protocol/connection.h"
#include "protocol/endpoint.h"
#include "protocol/signer.h"

#include <stdio.h>
#include <stdlib.h>

static void check(const struct connection *connection)
{
    for (enum channel_name i = 0; i < CHANNELS; i++) {
        char end[32];
        int port = connection->ports[i];
        FUZZ_REQUIRE(port >= 0 && (connection->is_ipc || port <= 65535));
        char *endpoint = endpoint_text(connection->is_ipc, connection->ip, port);
        FUZZ_REQUIRE(endpoint);
        FUZZ_REQUIRE(strncmp(endpoint, connection->is_ipc ? "ipc://" : "tcp://", 6) == 0);
        int size = snprintf(end, sizeof end, "%c%d", connection->is_ipc ? '-' : ':', port);
        FUZZ_REQUIRE((port == 0 && !connection->is_ipc) ||
                     strcmp(endpoint + strlen(endpoint) - size, end) == 0);
        free(endpoint);
    }
    struct signer signer;
    struct error error = {.sentence = ""};
    if (signer_init(&signer, str_of(connection->signature_scheme), str_of(connection->key), &error))
        signer_fini(&signer);
    else
        FUZZ_REQUIRE(error.sentence[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct connection connection;
    struct error error = {.sentence = ""};
    if (connection_read(&connection, fuzz_file(fuzz_input(data, size)), &error)) {
        check(&connection);
        connection_fini(&connection);
    } else {
        FUZZ_REQUIRE(error.sentence[0]);
        FUZZ_REQUIRE(!connection.key && !connection.signature_scheme && !connection.ip);
    }
    return 0;
}

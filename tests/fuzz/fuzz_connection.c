/* The connection file: read whole or refused with a reason, and what was read can be used. */
#include "fuzz.h"
#include "protocol/connection.h"
#include "protocol/signer.h"

#include <stdio.h>

static void check(const struct connection *connection)
{
    for (enum channel_name i = 0; i < CHANNELS; i++) {
        char end[32];
        const char *endpoint = connection->endpoints[i];
        FUZZ_REQUIRE(endpoint && connection->ports[i] >= 0);
        bool is_tcp = strncmp(endpoint, "tcp://", 6) == 0;
        FUZZ_REQUIRE(is_tcp || strncmp(endpoint, "ipc://", 6) == 0);
        FUZZ_REQUIRE(!is_tcp || connection->ports[i] <= 65535);
        FUZZ_REQUIRE(is_tcp || !connection->ipv6);
        int size = snprintf(end, sizeof end, "%c%d", is_tcp ? ':' : '-', connection->ports[i]);
        FUZZ_REQUIRE(strcmp(endpoint + strlen(endpoint) - size, end) == 0);
    }
    struct signer signer;
    struct error error = {{0}};
    if (signer_init(&signer, str_of(connection->signature_scheme), str_of(connection->key), &error))
        signer_fini(&signer);
    else
        FUZZ_REQUIRE(error.sentence[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct connection connection;
    struct error error = {{0}};
    if (connection_read(&connection, fuzz_file(fuzz_input(data, size)), &error)) {
        check(&connection);
        connection_fini(&connection);
    } else {
        FUZZ_REQUIRE(error.sentence[0]);
        FUZZ_REQUIRE(!connection.key && !connection.signature_scheme && !connection.endpoints[0]);
    }
    return 0;
}

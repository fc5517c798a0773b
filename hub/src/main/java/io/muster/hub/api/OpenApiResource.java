package io.muster.hub.api;

import io.javalin.config.RoutesConfig;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.Routes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** What this API looks like, in OpenAPI 3.1; needs no token, since it holds no secrets. Shared. */
final class OpenApiResource {

    /** RFC 9512. */
    private static final String YAML = "application/yaml";

    private final byte[] document;

    /** Reads the document from the class path. */
    OpenApiResource() {
        try (InputStream yaml =
                Objects.requireNonNull(OpenApiResource.class.getResourceAsStream("openapi.yaml"))) {
            document = yaml.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.yaml cannot be read", e);
        }
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        Routes.read(
                routes,
                "/openapi.yaml",
                Needs.NOTHING,
                ctx -> ctx.contentType(YAML).result(document));
    }
}

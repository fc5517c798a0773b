package io.muster.loadtest.client;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How connections are encrypted. The broker must prove that it is the host that was named. An
 * immutable value.
 *
 * @param trust PEM file with certificates of authorities that are trusted; null for those of Java
 * @param certificates folder with {@code NAME.crt} and {@code NAME.key}, in PEM, of each client;
 *     null if clients have none
 */
public record Tls(@Nullable Path trust, @Nullable Path certificates) {}

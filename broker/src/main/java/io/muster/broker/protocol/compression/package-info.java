/** Payloads that a client sends and takes compressed, which the broker knows plain. */
@NullMarked
package io.muster.broker.protocol.compression;

import org.jspecify.annotations.NullMarked;

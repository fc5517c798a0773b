/**
 * The table of {@code docs/conformance.md}: which test proves which statement, and how it ended.
 */
@NullMarked
package io.muster.broker.conformance.table;

import org.jspecify.annotations.NullMarked;

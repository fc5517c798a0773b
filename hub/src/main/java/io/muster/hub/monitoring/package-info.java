/**
 * What tells how the hub is doing: its readiness and its metrics. It knows no HTTP; the pages are
 * made in {@code io.muster.hub.api}.
 */
@NullMarked
package io.muster.hub.monitoring;

import org.jspecify.annotations.NullMarked;

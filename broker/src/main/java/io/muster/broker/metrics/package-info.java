/**
 * What the broker counts and how operators see it. Below all rooms that count; imports none of
 * them.
 */
@NullMarked
package io.muster.broker.metrics;

import org.jspecify.annotations.NullMarked;

/**
 * Gateways: which devices they speak for, which of those are signed in through them, and what they
 * ask for and are told on that account.
 */
@NullMarked
package io.muster.hub.gateways;

import org.jspecify.annotations.NullMarked;

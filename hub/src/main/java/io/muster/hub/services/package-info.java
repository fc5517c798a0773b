/**
 * What devices ask of the hub over MQTT: requests in envelopes, answers on the topic with {@code
 * _reply} behind it, reports to applications. The contract is in {@code docs/device-protocol.md}.
 */
@NullMarked
package io.muster.hub.services;

import org.jspecify.annotations.NullMarked;

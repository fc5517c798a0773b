/**
 * The MQTT broker, assembled: {@link io.muster.broker.Broker} is its front door, {@link
 * io.muster.broker.BrokerConfig} its settings.
 */
@NullMarked
package io.muster.broker;

import org.jspecify.annotations.NullMarked;

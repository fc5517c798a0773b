/**
 * Shows a message going through: an application and a device, both real MQTT clients over real
 * sockets. Knows nothing of the hub but what is written for clients.
 */
@NullMarked
package io.muster.hub.demo;

import org.jspecify.annotations.NullMarked;

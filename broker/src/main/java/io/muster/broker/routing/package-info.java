/**
 * Which message goes to which subscriber: subscriptions, topic tree, retained messages. Knows no
 * sessions and no sockets.
 */
@NullMarked
package io.muster.broker.routing;

import org.jspecify.annotations.NullMarked;

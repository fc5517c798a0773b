/**
 * The PROXY protocol: what a load balancer says about the client that it connects for. Only the
 * pipeline of {@code net} comes in here.
 */
@NullMarked
package io.muster.broker.net.proxy;

import org.jspecify.annotations.NullMarked;

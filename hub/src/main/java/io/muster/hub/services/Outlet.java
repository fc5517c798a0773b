package io.muster.hub.services;

import io.muster.broker.message.Message;
import java.util.function.Consumer;

/**
 * Where what comes of the messages of devices is published; both from any thread.
 *
 * @param answers to devices, behind the acknowledgements of what they asked
 * @param reports to applications, before the devices are read any further
 */
public record Outlet(Consumer<Message> answers, Consumer<Message> reports) {}

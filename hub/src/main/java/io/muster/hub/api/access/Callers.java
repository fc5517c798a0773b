package io.muster.hub.api.access;

/**
 * Finds out who a request comes from.
 *
 * @param operators if it is somebody
 * @param devices if it is a device
 */
public record Callers(Operators operators, DeviceCallers devices) {}

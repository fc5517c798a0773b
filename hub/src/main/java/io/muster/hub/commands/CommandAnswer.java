package io.muster.hub.commands;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a device answered to a command.
 *
 * @param id of the command, as the device was told it
 * @param code 200 if it is done; 1101 if the device knows no such command
 * @param message for people, may be empty
 * @param data what was asked for; a missing node if the device sent none
 */
public record CommandAnswer(String id, int code, String message, JsonNode data) {}

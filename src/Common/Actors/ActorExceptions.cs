namespace Deucalion.Common.Actors;

/// <summary>The actor has stopped, or stopped before it answered.</summary>
public sealed class ActorStoppedException(string message, Exception? inner) : Exception(message, inner);

namespace Deucalion.Node.Security;

/// <summary>What a route asks of those who call it.</summary>
/// <param name="Pattern">Pattern of the route without <c>/prometheus</c> in front; with <c>*</c> at its end all that begin so.</param>
/// <param name="Rights">One of these is needed; none where <paramref name="Scope"/> is <see cref="RouteScope.Open"/>.</param>
/// <param name="Scope">Whose data it is about.</param>
internal sealed record RouteRule(string Pattern, AccessRight Rights, RouteScope Scope)
{
    /// <summary>The rights as people write them, such as <c>read or admin</c>.</summary>
    public string RightsText { get; } = string.Join(" or ", Words(Rights));

    /// <summary>Words of rights, in the order of the configuration.</summary>
    public static IEnumerable<string> Words(AccessRight rights) =>
        Enum.GetValues<AccessRight>().Where(r => r != AccessRight.None && rights.HasFlag(r)).Select(static r => r.ToString().ToLowerInvariant());
}

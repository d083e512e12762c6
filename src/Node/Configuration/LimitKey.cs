using Deucalion.Common.Limits;

namespace Deucalion.Node.Configuration;

/// <summary>One key below <c>limits.defaults</c> and below a tenant of <c>limits.overrides</c>: the single source of parser, documentation and endpoints.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Type">What a value looks like, for people.</param>
/// <param name="Description">Meaning and unit.</param>
/// <param name="Set">Limits with the text's value; throws <see cref="FormatException"/> saying what is allowed.</param>
/// <param name="Get">The value as text that <paramref name="Set"/> would accept.</param>
internal sealed record LimitKey(LimitName Limit, string Type, string Description, Func<TenantLimits, string, TenantLimits> Set, Func<TenantLimits, string> Get)
{
    /// <summary>The key.</summary>
    public string Name => LimitNames.KeyOf(Limit);
}

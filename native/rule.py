"""One rule in Python -> the same function in C++: the visitor of its syntax tree (`translate.py` has the whole)."""

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

NUMBER = "std::int32_t"
RETURNS = {"bool": "bool", "int": NUMBER, "None": "void"}
OPERATORS: dict[type, str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "/", ast.Mod: "%", ast.LShift: "<<", ast.RShift: ">>"},
    **{ast.BitAnd: "&", ast.BitOr: "|", ast.Not: "!", ast.USub: "-", ast.Invert: "~", ast.And: "&&", ast.Or: "||"},
    **{ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
}
TRUTHS = {"int": NUMBER, "bool": "static_cast<bool>"}
CALLS = {"wide": "std::int64_t", "narrow": f"static_cast<{NUMBER}>", "abs": "std::abs"}


class TranslationError(Exception):
    """Something that the rules may not contain, with its place."""


class Rule:
    """One rule. parameters: their C++ types by the Python ones.

    known: its parameters and the variables assigned so far; used: what it takes from its module.
    """

    def __init__(self, source: FunctionType, parameters: Mapping[str, str]) -> None:
        tree = ast.parse(inspect.getsource(source)).body[0]
        assert isinstance(tree, ast.FunctionDef)
        self.parameters = parameters
        self.tree, self.globals, self.used = tree, source.__globals__, dict[str, Any]()
        self.file, self.first_line = source.__code__.co_filename, source.__code__.co_firstlineno
        self.known = {argument.arg for argument in tree.args.args}

    def signature(self) -> str:
        """Return type, name and parameters."""
        given = [(argument.annotation, argument.arg) for argument in self.tree.args.args]
        parameters = ", ".join(f"{self._typed(self.parameters, hint)} {name}" for hint, name in given)
        return f"inline {self._typed(RETURNS, self.tree.returns)} {self.tree.name}({parameters})"

    def definition(self) -> str:
        """The whole function; what comes first in the Python one is its docstring."""
        return f"{self.signature()} {{\n{self._block(self.tree.body[1:])}}}\n"

    def _typed(self, types: Mapping[str, str], hint: ast.expr | None) -> str:
        if hint is None or ast.unparse(hint) not in types:
            raise self._refusal(hint or self.tree, f"no type of the rules, which are {', '.join(types)}")
        return types[ast.unparse(hint)]

    def _refusal(self, node: ast.AST, reason: str) -> TranslationError:
        line = self.first_line + getattr(node, "lineno", 1) - 1
        return TranslationError(f"{self.file}:{line}: {reason}: {ast.unparse(node)}")

    def _handle(self, node: ast.AST) -> Any:
        """What the method for this kind of node returns: the lines of a statement, the text of an expression."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise self._refusal(node, f"the rules have no {type(node).__name__}")
        return method(node)

    # ---- statements: lines

    def _block(self, statements: Iterable[ast.stmt]) -> str:
        return "".join(f"    {line}\n" for statement in statements for line in self._handle(statement))

    def _nested(self, head: str, body: Iterable[ast.stmt]) -> Iterator[str]:
        yield f"{head} {{"
        yield from self._block(body).splitlines()
        yield "}"

    def _return(self, node: ast.Return) -> Iterator[str]:
        if isinstance(node.value, ast.BoolOp) and self._typed(RETURNS, self.tree.returns) != "bool":
            raise self._refusal(node, "`and` and `or` give truth values only")
        yield f"return {self._handle(node.value)};" if node.value else "return;"

    def _if(self, node: ast.If) -> Iterator[str]:
        yield from self._nested(f"if ({self._handle(node.test)})", node.body)
        if node.orelse:
            yield from self._nested("else", node.orelse)

    def _while(self, node: ast.While) -> Iterator[str]:
        yield from self._nested(f"while ({self._handle(node.test)})", node.body)

    def _for(self, node: ast.For) -> Iterator[str]:
        yield from self._nested(self._loop(node), node.body)

    def _loop(self, node: ast.For | ast.comprehension) -> str:
        assert isinstance(node.target, ast.Name)
        name = node.target.id
        self.known.add(name)
        match node.iter:
            case ast.Call(ast.Name("range"), [stop]):
                first, last = "0", self._handle(stop)
            case ast.Call(ast.Name("range"), [start, stop]):
                first, last = self._handle(start), self._handle(stop)
            case _:
                return f"for (const auto& {name} : {self._handle(node.iter)})"
        return f"for ({NUMBER} {name} = {first}; {name} < {last}; ++{name})"

    def _match(self, node: ast.Match) -> Iterator[str]:
        yield f"switch ({self._handle(node.subject)}) {{"
        for case in node.cases:
            yield from self._nested(self._handle(case.pattern), case.body)
            if not isinstance(case.body[-1], ast.Return):
                yield "break;"
        yield "}"

    def _matchor(self, node: ast.MatchOr) -> str:
        return " ".join(map(self._handle, node.patterns))

    def _matchvalue(self, node: ast.MatchValue) -> str:
        return f"case {self._handle(node.value)}:"

    def _matchas(self, node: ast.MatchAs) -> str:
        if node.pattern is not None or node.name is not None:
            raise self._refusal(node, "no pattern of the rules")
        return "default:"

    def _assign(self, node: ast.Assign) -> Iterator[str]:
        """One target; several with the same constant; a tuple whose values are independent of what is assigned."""
        pairs = [(target, node.value) for target in node.targets]
        if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(node.targets[0].elts, node.value.elts, strict=True))
            written = {ast.unparse(target) for target, _ in pairs}
            if any(ast.unparse(part) in written for _, value in pairs for part in ast.walk(value)):
                raise self._refusal(node, "values that depend on what is assigned")
        elif len(pairs) > 1 and not self._is_constant(node.value):
            raise self._refusal(node, "several targets of a value that is no constant")
        for target, value in pairs:
            if isinstance(value, ast.BoolOp) and not isinstance(target, ast.Name):
                raise self._refusal(node, "`and` and `or` give truth values only")
            text = self._handle(value)
            yield f"{self._declared(target, value)} = {text};"

    def _is_constant(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id not in self.known)

    def _declared(self, target: ast.expr, value: ast.expr) -> str:
        """A target, with `auto` where it is new; what stays the same while a tune is written is not copied."""
        if not isinstance(target, ast.Name) or target.id in self.known:
            return str(self._handle(target))
        self.known.add(target.id)
        root = value
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        constant = root is not value and isinstance(root, ast.Name) and root.id in ("context", "syntax")
        return f"{'const auto&' if constant else 'auto'} {target.id}"

    def _augassign(self, node: ast.AugAssign) -> Iterator[str]:
        yield f"{self._handle(node.target)} {self._operator(node, node.op)}= {self._handle(node.value)};"

    def _expr(self, node: ast.Expr) -> Iterator[str]:
        yield f"{self._handle(node.value)};"

    def _continue(self, _: ast.Continue) -> Iterator[str]:
        yield "continue;"

    def _raise(self, node: ast.Raise) -> Iterator[str]:
        match node.exc:
            case ast.Call(ast.Name("RuntimeError"), [ast.Constant(str(message))]):
                yield f'throw std::logic_error("{message}");'
            case _:
                raise self._refusal(node, "no error of the rules")

    # ---- expressions: text

    def _constant(self, node: ast.Constant) -> str:
        if not isinstance(node.value, int):
            raise self._refusal(node, "the rules have integers only")
        return str(node.value).lower()

    def _name(self, node: ast.Name) -> str:
        if node.id not in self.known:
            if node.id not in self.globals:
                raise self._refusal(node, "a variable that is not assigned before")
            self.used[node.id] = self.globals[node.id]
        return node.id

    def _attribute(self, node: ast.Attribute) -> str:
        owner = self.globals.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if isinstance(owner, ModuleType):
            self.used[node.attr] = getattr(owner, node.attr)
            return node.attr
        return f"{f'{owner.__name__}::' if isinstance(owner, type) else self._handle(node.value) + '.'}{node.attr}"

    def _subscript(self, node: ast.Subscript) -> str:
        return f"{self._handle(node.value)}[{self._handle(node.slice)}]"

    def _binop(self, node: ast.BinOp) -> str:
        return f"({self._handle(node.left)} {self._operator(node, node.op)} {self._handle(node.right)})"

    def _operator(self, node: ast.AST, operator: ast.AST) -> str:
        if type(operator) not in OPERATORS:
            raise self._refusal(node, f"the rules have no {type(operator).__name__} here")
        return OPERATORS[type(operator)]

    def _unaryop(self, node: ast.UnaryOp) -> str:
        return f"{OPERATORS[type(node.op)]}{self._handle(node.operand)}"

    def _boolop(self, node: ast.BoolOp) -> str:
        return f"({f' {OPERATORS[type(node.op)]} '.join(map(self._handle, node.values))})"

    def _ifexp(self, node: ast.IfExp) -> str:
        return f"({self._handle(node.test)} ? {self._handle(node.body)} : {self._handle(node.orelse)})"

    def _compare(self, node: ast.Compare) -> str:
        sides = [node.left, *node.comparators]
        parts = [self._comparison(*part) for part in zip(sides, node.ops, node.comparators, strict=False)]
        return f"({' && '.join(parts)})"

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Tuple):
            equal = " || ".join(f"{self._handle(left)} == {self._handle(one)}" for one in right.elts)
            return f"{'!' if isinstance(op, ast.NotIn) else ''}({equal})"
        return f"{self._handle(left)} {self._operator(left, op)} {self._handle(right)}"

    def _call(self, node: ast.Call) -> str:
        match node.func:
            case ast.Name("any"):
                return self._any(node)
            case ast.Name("max"):
                return f"std::max<{NUMBER}>({{{', '.join(map(self._handle, node.args))}}})"
            case ast.Name("ord"):
                return self._code_point(node)
            case ast.Name("len") if isinstance(node.args[0], ast.Name) and node.args[0].id in self.globals:
                return str(len(self.globals[node.args[0].id]))
            case ast.Name("len"):
                return f"static_cast<{NUMBER}>({self._handle(node.args[0])}.size())"
            case ast.Attribute(value, "copy"):
                return str(self._handle(value))
            case ast.Attribute(value, "append"):
                name = f"{self._handle(value)}.push_back"
            case ast.Attribute():
                name = self._handle(node.func)
            case ast.Name(called) if isinstance(self.globals.get(called), FunctionType) or called in CALLS | TRUTHS:
                name = (CALLS | TRUTHS).get(called, called)
            case _:
                raise self._refusal(node, "no call of the rules")
        return f"{name}({', '.join(map(self._handle, node.args))})"

    def _code_point(self, node: ast.Call) -> str:
        match node.args:
            case [ast.Constant(str(character))] if len(character) == 1:
                return str(ord(character))
        raise self._refusal(node, "no character of the rules")

    def _any(self, node: ast.Call) -> str:
        match node.args:
            case [ast.GeneratorExp(condition, [loop])]:
                head = self._loop(loop)
                return f"[&] {{ {head} if ({self._handle(condition)}) return true; return false; }}()"
        raise self._refusal(node, "no call of the rules")
